using DatasetBuild.Tool.Engine;

// Each line of standard input is the path of a plan. What the engine says of it follows on standard output, and then how it ended.
while (Console.ReadLine() is { } plan)
{
    var exit = EngineProcess.Run(plan, [], watch: static _ => { });
    Console.WriteLine($"exit {exit}");
}
