# Completes `dotnet dataset …` and `dotnet-dataset …`: the tool itself says what may follow. Load it with
#   source <(dotnet dataset completions bash)

_dotnet_dataset() {
    local current=${COMP_WORDS[COMP_CWORD]} typed=${COMP_LINE:0:COMP_POINT} suggestions IFS=$'\n'
    local tool=("${COMP_WORDS[0]}")
    if [[ ${COMP_WORDS[0]##*/} != dotnet-dataset ]]; then
        if [[ ${COMP_WORDS[1]} != dataset || $COMP_CWORD -lt 2 ]]; then
            # Not ours: what dotnet itself knows.
            COMPREPLY=($(compgen -W "$(dotnet complete --position "$COMP_POINT" "$COMP_LINE" 2>/dev/null)" -- "$current"))
            return
        fi
        tool+=(dataset)
    fi
    typed=${typed#*dataset}
    typed=${typed#"${typed%%[![:space:]]*}"}
    suggestions=$("${tool[@]}" "[suggest:${#typed}]" "$typed" 2>/dev/null)
    COMPREPLY=($(compgen -W "$suggestions" -- "$current"))
}

complete -o default -F _dotnet_dataset dotnet-dataset dotnet
