// Package given takes what an operator hands to a command: a file, the standard input, or an address.
package given

import (
	"io"
	"os"
)

// Standard is the path of the standard input.
const Standard = "-"

// Open opens a file, or the standard input, which closing leaves open.
func Open(path string, standard io.Reader) (io.ReadCloser, error) {
	if path == Standard {
		return io.NopCloser(standard), nil
	}
	return os.Open(path)
}

// Read reads all of it.
func Read(path string, standard io.Reader) ([]byte, error) {
	in, err := Open(path, standard)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	return io.ReadAll(in)
}
