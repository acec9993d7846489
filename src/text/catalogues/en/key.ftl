### What there is to say of a product key as it was typed.

key-prompt = Product key (it is not shown):
key-as-argument = a product key is never taken as an argument: it stays in the history of the shell and shows in the list of processes. If one was typed, delete it from the history. Type it when `gracewatch key` asks for it, or give it on stdin from a file. `key` takes no argument but --output text, --output json and --lang
key-unreadable = the key cannot be read: { $fault }
key-interrupted = interrupted
key-too-long = no line in the first { $most } bytes can be a product key

## The report

key-right = The form is right.
key-end = The last five characters are { $five }.
key-wrong = This is not a product key, as typed.
key-without-n = it has no N: keys since Windows 8 usually have one, older ones have none; if this is for a newer product, an N was misread
key-published = { $kind ->
    [kms_client] { $five } is how the published KMS client setup key (GVLK) for { $edition } ends. That key activates only against a KMS host or Active Directory. Another edition can refuse it, with 0xC004F050 or 0xC004F069.
   *[avma] { $five } is how the published key for automatic virtual machine activation (AVMA) for { $edition } ends. That key activates only virtual machines on a Hyper-V host whose own Windows Server Datacenter is activated. Another edition can refuse it, with 0xC004F050 or 0xC004F069.
}
key-unpublished = It does not end like any of the keys known here that Microsoft publishes for KMS clients and virtual machines. Its form does not show what else it is: a retail key, a MAK, or a KMS host key.
key-not-kept = Nothing was sent, and nothing is kept.
key-proves-nothing = The right form does not prove that the key is valid: only activation does. { key-not-kept }
key-alphabet = A key has only the letters BCDFGHJKMNPQRTVWXY and the digits 2346789. Compare it with the original. { key-not-kept }

## What was changed

key-change = { $change ->
    [surroundings] text around it was left out
    [quotes] quotes or brackets were left out
    [invisible] invisible characters were left out
    [full_width] full-width characters were taken for plain ones
    [lower_case] lower case was taken for upper case
    [other_dashes] other signs were taken for dashes
    [spaces] spaces were taken for dashes, or left out
   *[missing_dashes] missing dashes were put in
}

## What is wrong

key-empty = no key was typed
key-only-five = these are only five characters, as Windows shows of an installed key; the other 20 cannot be derived from them
key-masked = the first four groups are all X: a tool has hidden them, and they cannot be derived from the last
key-product-id = this has the form of a product ID, which Windows assigns to an installation; it activates nothing
key-guid = this has the form of a GUID, such as an activation ID; it is not a product key
key-several = there are { $count } keys in it: enter one at a time
key-difference = { $kind ->
    [missing] { $count ->
        [one] { $number } is missing
       *[other] { $number } are missing
    }
   *[surplus] { $count ->
        [one] { $number } is too many
       *[other] { $number } are too many
    }
}
key-length = { $count ->
    [one] it has { $characters } character, and a key has { $length }: { $difference }
   *[other] it has { $characters } characters, and a key has { $length }: { $difference }
}
key-groups = { $count ->
    [one] it has { $groups } group, and a key has { $wanted }
   *[other] it has { $groups } groups, and a key has { $wanted }
}
key-group-length = { $count ->
    [one] group { $group } has { $characters } character in place of { $length }: { $difference }
   *[other] group { $group } has { $characters } characters in place of { $length }: { $difference }
}
key-character-name = { $kind ->
    [digit] the digit { $character }
    [letter] the letter { $character }
    [sign] `{ $character }`
   *[other] `{ $character }` ({ $number })
}
key-character = character { $position }: no key has { $character }
key-character-in-group = group { $group }, { key-character }
key-similar-one = { $clause }; { $character } looks like it
key-similar = { $clause }; { $rest } and { $last } look like it
key-list-comma = ,{ " " }
key-something-else = { $count } of its characters occur in no key: this is something else
key-several-n = it has the letter N { $count } times: keys since Windows 8 have it once, older ones never; M, H and W look like it
