package gcp

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/certificatemanager"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/compute"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/dns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
)

const recordSeconds = 300

// certificates are what a load balancer proves its name with, once they are ready.
type certificates struct {
	reference pulumi.StringOutput // as a proxy names them
	ready     []pulumi.Resource
}

// doorCertificates registers a certificate that renews itself as long as its proof stays in the zone, and the
// map in which the load balancer finds it. Proven by the zone it is issued before the load balancer is there;
// proven by the load balancer it would be issued some time after (https://cloud.google.com/certificate-manager/docs/domain-authorization).
// The engine appends random text to the names of what another host replaces: the old one is in use until then.
func (d *Driver) doorCertificates(
	ctx *pulumi.Context, at *door, args gateway.Args, parent pulumi.Resource, after ...pulumi.Resource,
) (certificates, error) {
	none, project, labels, named := certificates{}, pulumi.String(d.s.Project), labelMap(args.Tags), d.physical(KindDoor, at.logical)
	authorization, err := certificatemanager.NewDnsAuthorization(ctx, named, &certificatemanager.DnsAuthorizationArgs{
		Project: project, Domain: pulumi.String(at.host), Labels: labels,
	}, d.under(parent, after...))
	if err != nil {
		return none, fmt.Errorf("authorization for %s: %w", at.host, err)
	}
	asked := authorization.DnsResourceRecords.Index(pulumi.Int(0))
	proof, err := dns.NewRecordSet(ctx, at.logical+"-proof", &dns.RecordSetArgs{
		Project: project, ManagedZone: pulumi.String(args.Zone), Name: asked.Name().Elem(), Type: asked.Type().Elem(),
		Rrdatas: pulumi.StringArray{asked.Data().Elem()}, Ttl: pulumi.Int(recordSeconds),
	}, d.under(parent, after...))
	if err != nil {
		return none, fmt.Errorf("proof for %s: %w", at.host, err)
	}
	certificate, err := certificatemanager.NewCertificate(ctx, named, &certificatemanager.CertificateArgs{
		Project: project, Labels: labels, Managed: certificatemanager.CertificateManagedArgs{
			Domains: pulumi.ToStringArray([]string{at.host}), DnsAuthorizations: pulumi.StringArray{authorization.ID()},
		},
		// Without its proof it would wait, and be asked for again hours later.
	}, d.under(parent, append(slices.Clip(after), proof)...))
	if err != nil {
		return none, fmt.Errorf("certificate of %s: %w", at.host, err)
	}
	physical := pulumi.String(d.physical(KindCertificate, at.logical))
	all, err := certificatemanager.NewCertificateMapResource(ctx, at.logical+"-certificates", &certificatemanager.CertificateMapResourceArgs{
		Project: project, Name: physical, Labels: labels,
	}, d.under(parent, after...))
	if err != nil {
		return none, fmt.Errorf("certificate map: %w", err)
	}
	entry, err := certificatemanager.NewCertificateMapEntry(ctx, at.logical+"-certificate", &certificatemanager.CertificateMapEntryArgs{
		Project: project, Name: physical, Map: all.Name, Certificates: pulumi.StringArray{certificate.ID()},
		// For a caller that names no host, too: the load balancer has one only.
		Matcher: pulumi.String("PRIMARY"), Labels: labels,
	}, d.under(parent, after...))
	if err != nil {
		return none, fmt.Errorf("entry of the certificate map: %w", err)
	}
	return certificates{
		reference: pulumi.Sprintf("//certificatemanager.googleapis.com/%s", all.ID()), ready: []pulumi.Resource{entry},
	}, nil
}

// doorName registers an audience's host name; the endpoint resolves when both the name and what it leads to
// are there.
func (d *Driver) doorName(
	ctx *pulumi.Context, at *door, args gateway.Args, rule *compute.GlobalForwardingRule, parent pulumi.Resource,
) (pulumi.StringOutput, error) {
	record, err := dns.NewRecordSet(ctx, at.logical+"-record", &dns.RecordSetArgs{
		Project: pulumi.String(d.s.Project), ManagedZone: pulumi.String(args.Zone), Name: pulumi.String(at.host + "."),
		Type: pulumi.String("A"), Rrdatas: pulumi.StringArray{at.address.Address}, Ttl: pulumi.Int(recordSeconds),
	}, d.under(parent))
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("record: %w", err)
	}
	host := at.host
	return pulumi.All(record.Name, rule.ID()).ApplyT(func([]any) string { return "https://" + host }).(pulumi.StringOutput), nil
}
