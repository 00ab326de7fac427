package alerts

import "time"

// window is the time that a report is of.
type window struct{ from, to time.Time }

// day is how much is asked for at once.
const day = 24 * time.Hour

func (w window) days() []window { return w.cut(day) }

// cut cuts the window into pieces, the last of which ends with it.
func (w window) cut(length time.Duration) []window {
	var out []window
	for from := w.from; from.Before(w.to); from = from.Add(length) {
		to := from.Add(length)
		if to.After(w.to) {
			to = w.to
		}
		out = append(out, window{from, to})
	}
	return out
}

func (w window) length() time.Duration { return w.to.Sub(w.from) }
