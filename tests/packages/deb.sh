# The package for Debian: lintian has nothing against it, and a machine takes it in, up, down and out again. Sourced.

echo "deb"
CARGO_TARGET_DIR=$work cargo deb --quiet --locked --no-build --fast
deb=$(echo "$work"/debian/*.deb)
python3 "$here/licenses.py" "$work/release/gracewatch" "$work/release/THIRD-PARTY"
content=$(dpkg-deb --fsys-tarfile "$deb" | tar --list)
for file in doc/gracewatch/THIRD-PARTY doc/gracewatch/docs/alerts.md man/man1/gracewatch.1 man/man1/gracewatch-check.1 \
  man/man1/gracewatch-token-add.1 bash-completion/completions/gracewatch zsh/vendor-completions/_gracewatch \
  fish/vendor_completions.d/gracewatch.fish; do
  contains "$content" "./usr/share/$file"
done
lintian --allow-root --fail-on error,warning --pedantic "$deb"
changelog=deploy/packages/debian/changelog
equal "$(dpkg-deb --field "$deb" Version)" "$(dpkg-parsechangelog --file "$changelog" --show-field Version)"
contains "$(dpkg-deb --field "$deb" Depends)" "libc6 (>= "

# The next version, whose configuration is another.
next=$work/debian/next
dpkg-deb --raw-extract "$deb" "$next"
sed -i 's/^Version: .*/&.1/' "$next/DEBIAN/control"
echo "# New in this version." >>"$next/etc/gracewatch/gracewatch.yaml"
dpkg-deb --root-owner-group -Zgzip -z1 --build "$next" "$next.deb" >/dev/null

install_deb() { inside dpkg --install --force-confold "/packages/$(basename "$1")" >>"$work/machine.log" 2>&1; }

boot "$debian" --bind-ro="$work/debian:/packages"
install_deb "$deb"
runs
reloads
takes_reports
lives
survives install_deb "$next.deb"
inside test -e /etc/gracewatch/gracewatch.yaml.dpkg-dist
survives install_deb "$deb"
inside dpkg --remove gracewatch >/dev/null
is_gone_but_for_its_data
install_deb "$next.deb"
runs
knows_both || fail "the machines are forgotten"
inside dpkg --purge gracewatch >/dev/null
equal "$(inside find / -xdev -name '*gracewatch*' -not -path '/proc/*')" ""
shut_down
