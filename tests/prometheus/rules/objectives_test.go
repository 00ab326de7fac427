package rules

const (
	hour = 60
	day  = 24 * hour
)

// promises are what is seen of objectives. An availability of 99.9 % leaves one request of a thousand, so the pages are at
// 1.44 % over an hour and at 0.6 % over six, the ticket at 0.1 % over three days; of 99.5 %, at 7.2 %, 3 % and 0.5 %. A p99
// leaves one of a hundred: 14.4 %, 6 % and 1 %.
var promises = []situation{
	{
		name: "behind a door 1.5 % fail for an hour", of: atDoor, span: [2]int{hour, 1},
		series: asked(atDoor, phase{hour + 5, 1000, 15, 0}),
		fires:  []string{"AvailabilityBudgetBurnsFast", "AvailabilityBudgetBurnsSlowly"},
	},
	{
		name: "behind a door 0.7 % fail for six hours", of: atDoor, span: [2]int{6 * hour, 5},
		series: asked(atDoor, phase{6*hour + 5, 1000, 7, 0}),
		fires:  []string{"AvailabilityBudgetBurnsFast", "AvailabilityBudgetBurnsSlowly"},
	},
	{
		name: "behind a door 0.59 % fail for six hours", of: atDoor, span: [2]int{6 * hour, 5},
		series: asked(atDoor, phase{6*hour + 5, 10_000, 59, 0}),
		fires:  []string{"AvailabilityBudgetBurnsSlowly"}, near: []string{"AvailabilityBudgetBurnsFast"},
	},
	{
		name: "2 % fail for half an hour after a good morning", of: atDoor, span: [2]int{6 * hour, 5},
		series: asked(atDoor, phase{5*hour + 30, 1000, 0, 0}, phase{35, 1000, 20, 0}),
		fires:  []string{"AvailabilityBudgetBurnsSlowly"}, near: []string{"AvailabilityBudgetBurnsFast"},
	},
	{
		name: "all failed, and for more than half an hour none has", of: atDoor, span: [2]int{3 * hour, 5},
		series: asked(atDoor, phase{2 * hour, 1000, 0, 0}, phase{20, 1000, 1000, 0}, phase{45, 1000, 0, 0}),
		fires:  []string{"AvailabilityBudgetBurnsSlowly"}, near: []string{"AvailabilityBudgetBurnsFast"},
	},
	{
		name: "0.09 % fail for seven hours", of: atDoor, span: [2]int{7 * hour, 5},
		series: asked(atDoor, phase{7*hour + 5, 10_000, 9, 0}),
		near:   []string{"AvailabilityBudgetBurnsSlowly"},
	},
	{
		name: "0.4 % fail on one day of three", of: atDoor, span: [2]int{3 * day, 10},
		series: asked(atDoor, phase{2 * day, 1000, 0, 0}, phase{day + 5, 1000, 4, 0}),
		fires:  []string{"AvailabilityBudgetBurnsSlowly"}, near: []string{"AvailabilityBudgetBurnsFast"},
	},
	{
		name: "at night every second of two requests a minute fails, for nine minutes", of: atDoor, span: [2]int{3 * hour, 1},
		series: asked(atDoor, phase{3*hour - 9, 2, 0, 0}, phase{9 + 5, 2, 1, 0}),
		near:   []string{"AvailabilityBudgetBurnsFast", "AvailabilityBudgetBurnsSlowly"},
	},
	{
		name: "at night every second of two requests a minute fails, for sixteen minutes", of: atDoor, span: [2]int{3 * hour, 1},
		series: asked(atDoor, phase{3*hour - 16, 2, 0, 0}, phase{16 + 5, 2, 1, 0}),
		fires:  []string{"AvailabilityBudgetBurnsFast", "AvailabilityBudgetBurnsSlowly"},
	},
	{
		name: "callers do what is wrong", of: atServer, span: [2]int{hour, 1},
		series: append(asked(atServer, phase{hour + 5, 1000, 0, 0}),
			counter(`http_server_request_duration_seconds_count{namespace="ledger",http_route="/entries",http_response_status_code="404"}`, part{hour + 5, 500})),
		near: []string{"AvailabilityBudgetBurnsFast", "AvailabilityBudgetBurnsSlowly"},
	},
	{
		name: "the kubelet is told that a pod is not ready", of: atServer, span: [2]int{hour, 1},
		series: append(asked(atServer, phase{hour + 5, 10, 0, 0}),
			counter(`http_server_request_duration_seconds_count{namespace="ledger",http_route="/readyz",http_response_status_code="503"}`, part{hour + 5, 60})),
		near: []string{"AvailabilityBudgetBurnsFast", "AvailabilityBudgetBurnsSlowly"},
	},
	{
		name: "at the server 1.5 % fail for an hour", of: atServer, span: [2]int{hour, 1},
		series: asked(atServer, phase{hour + 5, 1000, 15, 0}),
		fires:  []string{"AvailabilityBudgetBurnsFast", "AvailabilityBudgetBurnsSlowly"},
	},
	{
		name: "8 % of the messages fail for an hour", of: atQueue, span: [2]int{hour, 1},
		series: asked(atQueue, phase{hour + 5, 100, 8, 0}),
		fires:  []string{"AvailabilityBudgetBurnsFast", "AvailabilityBudgetBurnsSlowly"},
	},
	{
		name: "2.9 % of the messages fail for six hours", of: atQueue, span: [2]int{6 * hour, 5},
		series: asked(atQueue, phase{6*hour + 5, 1000, 29, 0}),
		fires:  []string{"AvailabilityBudgetBurnsSlowly"}, near: []string{"AvailabilityBudgetBurnsFast"},
	},
	{
		name: "behind a door 15 % are slow for an hour", of: atDoor, span: [2]int{hour, 1},
		series: asked(atDoor, phase{hour + 5, 1000, 0, 150}),
		fires:  []string{"LatencyBudgetBurnsFast", "LatencyBudgetBurnsSlowly"},
	},
	{
		name: "at the server 7 % are slow for six hours", of: atServer, span: [2]int{6 * hour, 5},
		series: asked(atServer, phase{6*hour + 5, 1000, 0, 70}),
		fires:  []string{"LatencyBudgetBurnsFast", "LatencyBudgetBurnsSlowly"},
	},
	{
		name: "at the server 5.9 % are slow for six hours", of: atServer, span: [2]int{6 * hour, 5},
		series: asked(atServer, phase{6*hour + 5, 1000, 0, 59}),
		fires:  []string{"LatencyBudgetBurnsSlowly"}, near: []string{"LatencyBudgetBurnsFast"},
	},
	{
		name: "behind a door 0.9 % are slow for seven hours", of: atDoor, span: [2]int{7 * hour, 5},
		series: asked(atDoor, phase{7*hour + 5, 1000, 0, 9}),
		near:   []string{"LatencyBudgetBurnsSlowly"},
	},
	{
		name: "at night every second of two requests a minute is slow, for nine minutes", of: atServer, span: [2]int{3 * hour, 1},
		series: asked(atServer, phase{3*hour - 9, 2, 0, 0}, phase{9 + 5, 2, 0, 1}),
		near:   []string{"LatencyBudgetBurnsFast", "LatencyBudgetBurnsSlowly"},
	},
	{
		name: "at night every second of two requests a minute is slow, for twenty minutes", of: atServer, span: [2]int{3 * hour, 1},
		series: asked(atServer, phase{3*hour - 20, 2, 0, 0}, phase{20 + 5, 2, 0, 1}),
		fires:  []string{"LatencyBudgetBurnsFast", "LatencyBudgetBurnsSlowly"},
	},
	{
		name: "nobody has asked a service for a day", of: atServer, span: [2]int{25 * hour, 30},
		series: deployed(atServer, 2, 2, 26*hour), fires: []string{"ObjectiveUnmeasured"},
	},
	{
		name: "a service is asked seldom", of: atServer, span: [2]int{25 * hour, 30},
		series: append(asked(atServer, phase{26 * hour, 1, 0, 0}), deployed(atServer, 2, 2, 26*hour)...), near: []string{"ObjectiveUnmeasured"},
	},
	{
		name: "a service is not deployed yet", of: atServer, span: [2]int{25 * hour, 30},
		series: deployed(atServer, 0, 0, 26*hour), near: []string{"ObjectiveUnmeasured", "ServiceDown"},
	},
}
