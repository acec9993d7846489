### The service of Windows.

service-windows-only = `gracewatch service` is for Windows; on this system, have its service manager run `gracewatch serve`
service-installed = the service is installed and starts with Windows; its configuration is { $config }; start it now: gracewatch service start
service-uninstalled = the service is removed; what it kept in { $folder } is left
service-started = the service runs
service-stopped = the service has stopped
service-reloading = the service reads its configuration again; the outcome is in the event log: Application, source Gracewatch
service-status = { $state ->
    [running] the service runs as process { $number }
    [starting] the service is starting
    [stopping] the service is stopping
   *[stopped] the service does not run; it ended with code { $number }
}
service-denied = this takes an administrator: run it from an elevated prompt
service-not-installed = the service is not installed; install it: gracewatch service install
service-not-running = the service does not run; start it: gracewatch service start
service-not-by-hand = this is what the service manager starts; to run in a console, use `gracewatch serve`
service-being-removed = the service is being removed; close whatever shows it, such as the console of services, and try again
service-refused = the service manager refuses this: { $error }
service-start-failed = the service ended with code { $code } while it started; the reason is in the event log: Application, source Gracewatch
service-slow = the service did not do so within { $seconds } s; look at its state again: gracewatch service status
service-folder = the folder { $folder } cannot be created: { $error }
service-access = the access list of { $folder } cannot be set, so that others may read what is in it: { $error }
service-setting = { $setting ->
    [delay] the delayed start
    [account] the identity of the service
    [restart] the restart after a failure
    [events] the source of the event log
   *[description] the description
} cannot be set, and is not: { $error }
