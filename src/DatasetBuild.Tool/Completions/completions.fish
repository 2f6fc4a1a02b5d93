# Completes `dotnet dataset …` and `dotnet-dataset …`: the tool itself says what may follow. Load it with
#   dotnet dataset completions fish | source

function __dotnet_dataset
    set -l typed (commandline --cut-at-cursor --current-process)
    set -l tool (string match --regex '^\s*\S*dotnet-dataset|^\s*\S*dotnet\s+dataset' -- $typed | string split --no-empty ' ')
    set -l rest (string replace --regex '^\s*\S*dotnet(-|\s+)dataset\s*' '' -- $typed)
    $tool "[suggest:"(string length -- "$rest")"]" "$rest" 2>/dev/null
end

complete --command dotnet-dataset --arguments '(__dotnet_dataset)'
complete --command dotnet --condition '__fish_seen_subcommand_from dataset' --arguments '(__dotnet_dataset)'
