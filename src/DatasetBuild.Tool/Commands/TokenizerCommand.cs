using System.CommandLine;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>tokenizer</c>: makes tokenizers.</summary>
internal static class TokenizerCommand
{
    public static Command Create() => new("tokenizer", "Makes tokenizers.") { TokenizerTrainCommand.Create() };
}
