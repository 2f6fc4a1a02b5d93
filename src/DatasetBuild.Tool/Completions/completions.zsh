# Completes `dotnet dataset …` and `dotnet-dataset …`: the tool itself says what may follow. Load it with
#   source <(dotnet dataset completions zsh)

_dotnet_dataset() {
    local typed=$LBUFFER
    local -a tool suggestions
    tool=($words[1])
    if [[ ${words[1]:t} != dotnet-dataset ]]; then
        if [[ $words[2] != dataset || $CURRENT -lt 3 ]]; then
            # Not ours: what dotnet itself knows.
            suggestions=("${(f)$(dotnet complete --position $CURSOR "$BUFFER" 2>/dev/null)}")
            compadd -- $suggestions
            return
        fi
        tool+=(dataset)
    fi
    typed=${typed#*dataset}
    typed=${typed##[[:space:]]#}
    suggestions=("${(f)$($tool "[suggest:${#typed}]" "$typed" 2>/dev/null)}")
    compadd -- $suggestions || _files
}

setopt extended_glob
compdef _dotnet_dataset dotnet-dataset dotnet
