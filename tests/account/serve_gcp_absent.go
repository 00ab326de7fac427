//go:build !gcp && (aws || azure)

package account

var serveGCP server
