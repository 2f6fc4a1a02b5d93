using DatasetBuild.Tool.Engine;

if (EngineProcess.Run(args) is { } exit)
{
    return exit;
}

Console.Error.WriteLine("This is the program that a build starts, for which there is nothing to do by hand: `dotnet build` a project, or ask `dotnet dataset`.");
return 2;
