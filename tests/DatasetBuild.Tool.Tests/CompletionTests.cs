using DatasetBuild.EndToEnd.Tests.Harness;
using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("dotnet-dataset st", "stats", "status")]
    [InlineData("dotnet dataset st", "stats", "status")]
    [InlineData("dotnet dataset status --ch", "--check")]
    [InlineData("dotnet dataset status -v q", "quiet")]
    [InlineData("dotnet dataset completions z", "zsh")]
    public void Bash_completes_what_the_tool_suggests(string line, params string[] suggestions)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "bash");
        using var folder = new SampleProject();
        folder.Write("script.bash", DatasetTool.Run("completions", "bash").ShouldExitWith(0).Output);
        folder.Write("bin/dotnet-dataset", $"#!/bin/sh\nexec dotnet exec '{PackedFeed.ToolOfTheRun}' \"$@\"\n");
        DatasetTool.Start("chmod", folder.Folder, ["+x", "bin/dotnet-dataset"]).ShouldExitWith(0);
        const string Complete = """
            PATH=$PWD/bin:$PATH
            . ./script.bash
            COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=($1) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            complete -p dotnet dotnet-dataset > /dev/null && _dotnet_dataset && printf '%s\n' "${COMPREPLY[@]}"
            """;
        DatasetTool.Start("bash", folder.Folder, ["-c", Complete, "bash", line]).ShouldExitWith(0).Lines.ShouldBe(suggestions);
    }

    [Theory]
    [InlineData("zsh", "compdef")]
    [InlineData("fish", "complete --command dotnet-dataset")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public void Every_shell_has_its_script(string shell, string registration) =>
        DatasetTool.Run("completions", shell).ShouldExitWith(0).Output.ShouldContain(registration);

    [Fact]
    public void Another_shell_is_a_mistake() => DatasetTool.Run("completions", "tcsh").ShouldExitWith(2);
}
