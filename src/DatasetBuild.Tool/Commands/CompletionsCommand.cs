using System.CommandLine;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>completions</c>: the script by which a shell completes what is typed. It asks the tool, so it never goes out of date.</summary>
internal static class CompletionsCommand
{
    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "Which shell: bash, zsh, fish or pwsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        var command = new Command("completions", "Prints a script for a shell, which then completes commands and options. Its first lines say how to load it.") { shell };
        return command.Running((parsed, screen, _) =>
        {
            var suffix = parsed.GetValue(shell) is "pwsh" ? "ps1" : parsed.GetValue(shell);
            using var script = typeof(CompletionsCommand).Assembly.GetManifestResourceStream($"completions.{suffix}")!;
            using var reader = new StreamReader(script);
            screen.Data.Write(reader.ReadToEnd());
            return ExitCodes.Done;
        });
    }
}
