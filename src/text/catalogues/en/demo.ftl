### `gracewatch demo`: a company on this machine, and what can be broken in it.

demo-taken = { $address } is in use, so the demo listens on another port.
demo-open = Open { $url } in a browser: a company on this machine, which the real probes probe.
demo-faults = Faults to switch on and off there, or by `curl -d on=true { $url }demo/NAME`: { $known }.
demo-other-site = A page of another site may not switch the faults of the demo.
demo-stop = Ctrl-C stops the demo, and removes what it kept.

## What can be broken. These are the words on buttons.

demo-fault = { $fault ->
    [closed-port] KMS port closed in Berlin
    [lost-srv-record] SRV record lost in Tokyo
    [rogue-host] Unknown KMS host in DNS
    [skewed-clock] Clock of a KMS host 5 h behind
    [low-count] Count of a KMS host too low
    [half-load-balancer] Every second connection dies
    [proxy-login] Proxy asks for credentials
    [intercepting-proxy] Proxy opens TLS
   *[shared-key] Key of many machines blocked
}
demo-fault-unknown = the faults are { $known }
demo-no-such-fault = no fault has this name; did you mean `{ $near }`?

## Why it cannot begin

demo-no-server = a server of the demo cannot start on loopback: { $error }
demo-no-folder = the demo cannot write to the folder for temporary files: { $error }
