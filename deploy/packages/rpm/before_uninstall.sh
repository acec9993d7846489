# $1 counts the versions that stay: 0 is a removal. An upgrade leaves the service running.
if [ "$1" -eq 0 ]; then
    systemctl --no-reload disable --now gracewatch.service || :
fi
