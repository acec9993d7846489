### What there is to say of an agent and of what it reports.

agent-server = a server such as https://gracewatch.corp.example:10688 is needed
agent-server-alone = a server is an address alone: no user, no password, no query and no fragment
agent-proxy = an agent takes `direct`, `system`, or a proxy that speaks HTTP and asks for no more than a password
agent-client = client_cert and client_key belong together
agent-two-tokens = token_file and enrol_token_file are not for one agent: name the one or the other
agent-no-server = no server to report to: use --server, or `agent: {"{"}server: ...{"}"}` in the configuration
agent-not-windows = this is not Windows: name the files to report from with --from
agent-no-token = its first line is not a token
agent-ran = { $sent ->
    [one] { $sent } report sent to { $server }; { $waiting } waiting
   *[other] { $sent } reports sent to { $server }; { $waiting } waiting
}
agent-trouble = { $kind ->
    [service_stopped] the licensing service is stopped or disabled ({ $detail }): start the service `sppsvc`
    [access_denied] the licensing classes of WMI may not be read ({ $detail }): run the agent as a service or as an administrator
    [licensing_unreadable] the licensing of this machine cannot be read: { $detail }
    [file_unreadable] { $detail }
    [disk_full] the disk is full, so no report can wait there: { $detail }
    [folder_unusable] the folder of the agent cannot be used: { $detail }
    [already_running] another agent uses the folder { $detail }
    [no_token] the token cannot be read: { $detail }; `gracewatch token add` on the server makes one
    [token_rejected] the server rejects the token: it was revoked, or is another server's ({ $detail })
    [not_enrolled] this machine cannot enrol: { $detail }; `gracewatch token add --enrol` on the server makes a token for it
    [already_enrolled] this machine is enrolled, and its token is not here: { $detail }
    [machine_revoked] this machine may not report any more: { $detail }
    [not_allowed] the token may not report for this machine: { $detail }
    [intercepted] the server's certificate is not trusted: somebody intercepts the connection, or ca_file is missing ({ $detail })
    [certificate_invalid] the server's certificate is not valid now: { $detail }
    [not_gracewatch] no Gracewatch answers there: { $detail }
    [content_refused] the server refuses a report, which is kept in the folder `refused`: { $detail }
    [server_unreachable] the server cannot be reached: { $detail }
    [server_unavailable] the server takes no reports now: { $detail }
    [reports_dropped] { $detail } reports that were never sent made room for newer ones
    [events_unreadable] the event log cannot be read: { $detail }
   *[name_shared] another machine reports by the same name: give one of them another name { $detail }
}
status-parameters = the only parameters are `machine` and `reported_at`, a moment such as `2026-12-03T04:10:00Z`
