### What the command line says of itself and of what it refuses. What each command and argument does is where
### it is defined.

help-usage = Usage: { $usage }
help-commands = Commands
help-arguments = Arguments
help-options = Options
help-options-in-usage = [OPTIONS]
help-environment = [env: { $name }]
help-default = [default: { $value }]
help-values = [possible values: { $values }]
help-error = error:
help-similar = did you mean '{ $similar }'?
help-more = For more information, try '--help'.

refused-value = invalid value '{ $value }' for '{ $argument }'
refused-value-for = invalid value '{ $value }' for '{ $argument }': { $fault }
refused-without-value = a value is required for '{ $argument }' but none was supplied
refused-many-values = unexpected value '{ $value }' for '{ $argument }' found; no more were expected
refused-argument = unexpected argument '{ $argument }' found
refused-command = unrecognized command '{ $name }'
refused-without-command = '{ $name }' requires a subcommand but one was not provided
refused-conflict = the argument '{ $argument }' cannot be used with '{ $other }'
refused-twice = the argument '{ $argument }' cannot be used multiple times
refused-missing = the following required arguments were not provided: { $arguments }
refused-not-utf8 = invalid UTF-8 was detected in one or more arguments
language-unknown = the languages are { $known }
