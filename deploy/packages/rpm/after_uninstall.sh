# $1 counts the versions that stay. An upgrade restarts the service where it runs. A removal keeps the configuration that
# was changed, the store, and the user: files elsewhere may be its own.
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
    if [ "$1" -ge 1 ]; then
        systemctl try-restart gracewatch.service || :
    fi
fi
# The package has files and no folders: cargo-generate-rpm cannot name any.
if [ "$1" -eq 0 ]; then
    for folder in /usr/share/gracewatch /usr/share/doc/gracewatch /usr/share/licenses/gracewatch /etc/gracewatch; do
        find "$folder" -depth -type d -empty -delete 2>/dev/null || :
    done
fi
