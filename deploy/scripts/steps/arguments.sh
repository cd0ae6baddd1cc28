# What a script of deploy/scripts says about itself, refuses and needs. It is sourced first, without
# arguments, so that $@ is the script's and --help touches nothing.
# shellcheck shell=bash

# usage: the comment that the script begins with
usage() { sed -n '2,/^[^#]/{/^[^#]/d;s/^# \{0,1\}//;p}' "$0"; }

# refuse SENTENCE: what is wrong and what to do; nothing was touched yet
refuse() {
    printf 'Refused: %s\n' "$*" >&2
    exit 2
}

refuse_option() { refuse "there is no option $1 (see --help)"; } # refuse_option OPTION

# takes COUNT ARGUMENT...: arguments of a script without options, at most COUNT; - is standard input
takes() {
    local count=$1 each
    shift
    for each; do
        [[ $each != -?* ]] || refuse_option "$each"
    done
    (($# <= count)) || refuse "there is one argument too many, ${*:count+1:1} (see --help)"
}

# has_value ARGUMENT...: an option, and what follows it
has_value() { [[ -n ${2:-} ]] || refuse "$1 lacks its value (see --help)"; }

# needs COMMAND WHAT_TO_DO
needs() { command -v -- "$1" >/dev/null || refuse "$1 is not installed: $2"; }

# What follows -- is another command's.
[[ ${1:-} != -h ]] || { usage && exit 0; }
for argument; do
    [[ $argument != -- ]] || break
    [[ $argument != --help ]] || { usage && exit 0; }
done
