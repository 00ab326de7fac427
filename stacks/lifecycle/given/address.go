package given

import "net"

// Loopback says whether a host is this machine, to which what is sent crosses no network.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
