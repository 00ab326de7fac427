//go:build !aws && (azure || gcp)

package platform

import (
	"errors"

	"platform/stacks/config"
)

func awsDriver(config.Settings) (Driver, error) {
	return nil, errors.New("this program was built without AWS: build it with -tags aws, or without tags")
}
