package gateway

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
)

// What the strictest of the clouds takes as a trust store
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html).
const (
	maxAuthorities = 1000
	minRSABits     = 2048
)

var signatures = []x509.SignatureAlgorithm{
	x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
	x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS,
	x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512,
}

// validateTrustStore refuses what would leave the door shut, or open to more than was meant: a text
// with anything but certificates in it, and certificates that are no authority's.
func validateTrustStore(f *faults, path, store string) {
	rest := []byte(store)
	n := 0
	for ; ; n++ {
		block, after := pem.Decode(rest)
		if block == nil {
			break
		}
		rest = after
		at := fmt.Sprintf("%s[%d]", path, n)
		// The type only: a private key that strayed in here must not be printed.
		if block.Type != "CERTIFICATE" {
			f.add(at, block.Type, "a CERTIFICATE is allowed")
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			f.add(at, "CERTIFICATE", "an X.509 certificate is allowed: %v", err)
			continue
		}
		validateAuthority(f, at, certificate)
	}
	if n == 0 {
		f.add(path, "", "at least one certificate in PEM form must be set")
	} else if len(bytes.TrimSpace(rest)) > 0 {
		f.add(path, "text", "nothing after the last certificate is allowed")
	}
	if n > maxAuthorities {
		f.add(path, n, "at most %d certificates are allowed", maxAuthorities)
	}
}

func validateAuthority(f *faults, path string, certificate *x509.Certificate) {
	subject := certificate.Subject.String()
	if !certificate.BasicConstraintsValid || !certificate.IsCA {
		f.add(path, subject, "the certificate of an authority is allowed: this one may not sign others")
	}
	if certificate.KeyUsage != 0 && certificate.KeyUsage&x509.KeyUsageCertSign == 0 {
		f.add(path, subject, "a certificate whose key usage permits signing others is allowed")
	}
	if !slices.Contains(signatures, certificate.SignatureAlgorithm) {
		f.add(path, subject, "a signature with SHA-256 or stronger is allowed, this is %s", certificate.SignatureAlgorithm)
	}
	switch key := certificate.PublicKey.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() < minRSABits {
			f.add(path, subject, "an RSA key of at least %d bits is allowed, this has %d", minRSABits, key.N.BitLen())
		}
	case *ecdsa.PublicKey:
		if key.Curve != elliptic.P256() && key.Curve != elliptic.P384() {
			f.add(path, subject, "the curves P-256 and P-384 are allowed, this is %s", key.Curve.Params().Name)
		}
	default:
		f.add(path, subject, "an RSA or ECDSA key is allowed, this is %s", certificate.PublicKeyAlgorithm)
	}
}
