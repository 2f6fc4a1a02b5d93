using DatasetBuild.Fuzz.Tests.Harness;
using DatasetBuild.Tool.Projects;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>What a project was evaluated to: the plan as it was kept, or nothing.</summary>
internal sealed class RememberedPlanTarget : FuzzTarget
{
    private static readonly byte[] Plan = "{\"version\":1}"u8.ToArray();

    public override string Name => "remembered-plan";

    public override int ShortRun => 10_000;

    public override IEnumerable<byte[]> Seeds()
    {
        var inputs = new EvaluationInputs { Private = "/obj" };
        yield return RememberedPlan.Write(inputs, Plan);
        inputs.AddPlace("/absent");
        inputs.AddPlace("/");
        yield return RememberedPlan.Write(inputs, Plan);
    }

    public override string Run(byte[] input)
    {
        var plan = RememberedPlan.Read(input);
        return plan is null ? "none" : $"{Checks.Bucket(plan.Length)}";
    }
}
