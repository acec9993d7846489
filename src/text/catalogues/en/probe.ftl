### Probes on request, `GET /probe`.

probe-no-target = `target` is missing: a domain, a host or a URL
probe-credentials = `target` and `proxy` take no credentials; a path in the configuration does
probe-proxy = `proxy` goes with module `online` alone
probe-timeout = X-Prometheus-Scrape-Timeout-Seconds is not a number of seconds above zero
probe-not-allowed = `{ $host }` may not be probed; allow it under `web` in the configuration: { $line }
probe-leads-elsewhere = `{ $host }` leads to { $address }, which may not be probed; allow it under `web` in the configuration: { $line }
probes-too-many = { $most } probes run already, which is the limit
probe-not-complete = The probe did not end within its time limit.
addresses-not-allowed = the name leads only where nothing may be probed
config-probe-target = not a host such as `kms01.corp.example`, `*.corp.example`, `192.0.2.1` or `[2001:db8::1]:1688`
