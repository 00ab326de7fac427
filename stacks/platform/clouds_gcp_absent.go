//go:build !gcp && (aws || azure)

package platform

import (
	"errors"

	"platform/stacks/config"
)

func gcpDriver(config.Settings) (Driver, error) {
	return nil, errors.New("this program was built without Google Cloud: build it with -tags gcp, or without tags")
}
