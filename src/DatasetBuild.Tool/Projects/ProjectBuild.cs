using System.IO.Pipes;
using System.Text;
using DatasetBuild.Tool.Progress;

namespace DatasetBuild.Tool.Projects;

/// <summary>
/// <c>dotnet build</c> with our logger in the console's place: all that MSBuild does for the project happens as ever, and is shown as a data set wants it.
/// </summary>
internal static class ProjectBuild
{
    private const string Logger = "DatasetBuild.Tasks.ToolLogger";

    /// <returns>How it ended, and what was said by others than the logger.</returns>
    public static (int Exit, string Text) Run(ProjectRequest request, IEnumerable<string> passedOn, BuildEvents events, StopRequest stop)
    {
        var name = $"dataset-{Guid.NewGuid():N}";
        using var ended = new CancellationTokenSource();
        var listening = Listen(name, events, ended.Token);
        try
        {
            return DotNet.Run(Arguments(request, passedOn, name), [], stop);
        }
        finally
        {
            // A logger that was never made never connects; one that was has closed its end by now.
            ended.Cancel();
            listening.GetAwaiter().GetResult();
        }
    }

    private static async Task Listen(string name, BuildEvents events, CancellationToken ended)
    {
        using var pipe = new NamedPipeServerStream(name, PipeDirection.In, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        try
        {
            await pipe.WaitForConnectionAsync(ended);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        using var lines = new StreamReader(pipe, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, bufferSize: 1 << 16, leaveOpen: true);
        while (await lines.ReadLineAsync(CancellationToken.None) is { } line)
        {
            events.Take(line);
        }
    }

    private static List<string> Arguments(ProjectRequest request, IEnumerable<string> passedOn, string pipe)
    {
        var assembly = Path.Combine(AppContext.BaseDirectory, "DatasetBuild.Tasks.dll");
        List<string> arguments = ["build", request.File, "-nologo", "-noConsoleLogger", $"-logger:{Logger},\"{assembly}\";{pipe}"];
        arguments.AddRange(request.BuildArguments);
        arguments.AddRange(passedOn);
        return arguments;
    }
}
