using System.CommandLine;
using DatasetBuild.Tool.Commands;

namespace DatasetBuild.Tool.Projects;

/// <summary>The argument and the options by which a command is told which project it is about.</summary>
internal sealed class ProjectArguments
{
    public Argument<string?> Project { get; } = new("PROJECT")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "The project file, a folder that holds one, or a written plan.json. The default is the current folder.",
    };

    public Option<string?> Configuration { get; } = new("--configuration", "-c")
    {
        Description = "The configuration to evaluate the project in, such as Release.",
        HelpName = "NAME",
        CompletionSources = { "Debug", "Release" },
    };

    public Option<string[]> Property { get; } = new("--property", "-p")
    {
        Description = "A property to evaluate the project with, as NAME=VALUE. It may be given several times.",
        HelpName = "NAME=VALUE",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = argument => GivenValue.Pairs(argument, "property"),
    };

    public void AddOptions(Command command)
    {
        command.Options.Add(Configuration);
        command.Options.Add(Property);
    }

    public ProjectRequest Read(ParseResult parsed) => Read(parsed, parsed.GetValue(Project));

    public ProjectRequest Read(ParseResult parsed, string? project) => Make(parsed, ProjectRequest.Locate(project));

    /// <summary>For what `dotnet build` does, which finds the project or solution of a folder by rules of its own.</summary>
    public ProjectRequest ReadForBuild(ParseResult parsed, string? place)
    {
        var path = Path.GetFullPath(place ?? ".");
        return Make(parsed, Directory.Exists(path) ? path : ProjectRequest.Locate(place));
    }

    private ProjectRequest Make(ParseResult parsed, string file) => new(file, parsed.GetValue(Configuration), parsed.GetValue(Property) ?? []);
}
