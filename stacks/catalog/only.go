package catalog

// Only is the catalogue with some services alone and what they cannot do without: whom they call, and who publishes what
// they consume. Without names it is the whole. Names that it does not know are told.
func (c Catalog) Only(names []string) (only Catalog, unknown []string) {
	if len(names) == 0 {
		return c, nil
	}
	needed := map[string]Service{}
	var need func(name string)
	need = func(name string) {
		entry, known := c.Services[name]
		if _, met := needed[name]; met || !known {
			return
		}
		needed[name] = entry
		for _, called := range entry.Calls {
			need(called)
		}
		for _, event := range entry.Consumes {
			if publisher, ok := c.Publisher(event); ok {
				need(publisher)
			}
		}
	}
	for _, name := range names {
		if _, known := c.Services[name]; !known {
			unknown = append(unknown, name)
		}
		need(name)
	}
	only = c
	only.Services = needed
	return only, unknown
}
