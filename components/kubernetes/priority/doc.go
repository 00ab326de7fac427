// Package priority makes the classes that say whose pods go first when there is not room for all. They are the
// same on every cloud.
package priority
