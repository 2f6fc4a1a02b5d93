# Completes `dotnet dataset …` and `dotnet-dataset …`: the tool itself says what may follow. Load it with
#   dotnet dataset completions pwsh | Out-String | Invoke-Expression

$completeDotnetDataset = {
    param($wordToComplete, $commandAst, $cursorPosition)
    $typed = $commandAst.ToString().PadRight($cursorPosition).Substring(0, $cursorPosition)
    if ($typed -match '^\s*(?<tool>\S*dotnet(-|\s+)dataset)\s+(?<rest>.*)$') {
        $rest = $Matches.rest
        $name, $first = $Matches.tool -split '\s+'
        $suggestions = & $name @($first) "[suggest:$($rest.Length)]" $rest 2>$null
    }
    else {
        # Not ours: what dotnet itself knows.
        $suggestions = dotnet complete --position $cursorPosition "$commandAst" 2>$null
    }
    $suggestions | Where-Object { $_ -like "$wordToComplete*" } |
        ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}

Register-ArgumentCompleter -Native -CommandName dotnet-dataset, dotnet -ScriptBlock $completeDotnetDataset
