package trail

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate(offer Offer) error { return offer.Days.Fault("days", a.Days) }
