//go:build !azure && (aws || gcp)

package platform

import (
	"errors"

	"platform/stacks/config"
)

func azureDriver(config.Settings) (Driver, error) {
	return nil, errors.New("this program was built without Azure: build it with -tags azure, or without tags")
}
