using DatasetBuild.Tool.Commands;
using DatasetBuild.Tool.Engine;

// The engine goes first and alone: MSBuild starts it in every build, and nothing of the command line is needed for it.
return args switch
{
    ["engine", var plan] => EngineProcess.Run(plan),
    ["question"] => EngineProcess.Answer(),
    _ => CommandLine.Run(args),
};
