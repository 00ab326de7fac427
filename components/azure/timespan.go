package azure

import (
	"fmt"
	"strings"
	"time"
)

// timespan is a duration in the form in which Azure gives it back. Any other form of the same duration would
// show as a difference at every refresh
// (https://learn.microsoft.com/dotnet/api/system.xml.xmlconvert.tostring#system-xml-xmlconvert-tostring(system-timespan)).
func timespan(d time.Duration) string {
	const day = 24 * time.Hour
	var date, clock strings.Builder
	if days := d / day; days > 0 {
		fmt.Fprintf(&date, "%dD", days)
	}
	for _, part := range []struct {
		letter string
		value  time.Duration
	}{{"H", d % day / time.Hour}, {"M", d % time.Hour / time.Minute}, {"S", d % time.Minute / time.Second}} {
		if part.value > 0 {
			fmt.Fprintf(&clock, "%d%s", part.value, part.letter)
		}
	}
	if clock.Len() > 0 {
		return "P" + date.String() + "T" + clock.String()
	}
	if date.Len() > 0 {
		return "P" + date.String()
	}
	return "PT0S"
}
