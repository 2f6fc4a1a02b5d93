using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Runtime.Versioning;

namespace DatasetBuild.Tasks.Tests;

/// <summary>Which engine the task starts where a program of machine code lies beside the assembly: here a script.</summary>
[SupportedOSPlatform("linux")]
public sealed class NativeEngineTests
{
    private const string Speaks = """echo '{"event":"result","upToDate":true,"kept":1,"records":1,"outputs":[],"reports":[],"manifest":""}'""";

    public NativeEngineTests() => Assert.SkipUnless(
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64 && Avx2.IsSupported, "No program is made for this processor.");

    [Fact]
    public void The_program_is_what_runs()
    {
        using var run = Beside(Speaks);
        run.Execute().ShouldBeTrue();
        run.Task.UpToDate.ShouldBeTrue();
        RanTheAssembly(run).ShouldBeFalse();
        run.Build.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public void It_gets_what_the_assembly_gets()
    {
        using var run = Beside($"printf '%s\\n' \"$@\" > arguments; {Speaks}");
        run.Task.LimitTime = "10m";
        run.Execute().ShouldBeTrue();
        File.ReadAllLines(Path.Combine(run.Folder, "arguments")).ShouldBe(["engine", run.Task.PlanFile, "--limit-time", "10m"]);
    }

    [Fact]
    public void A_processor_gets_the_highest_of_its_levels()
    {
        using var run = Beside("exit 1");
        Write(run, "x86-64-v4", Speaks);
        Write(run, "x86-64-v3", Vector512.IsHardwareAccelerated ? "exit 1" : Speaks);
        Write(run, "x86-64-v5", "exit 1");
        run.Execute().ShouldBeTrue();
    }

    [Fact]
    public void The_assembly_runs_where_that_is_wanted()
    {
        using var run = Beside("exit 1");
        run.Task.Switches = [TaskRun.Item("DatasetNativeEngine", ("Value", " False "))];
        run.Execute().ShouldBeTrue();
        RanTheAssembly(run).ShouldBeTrue();
        run.Build.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public void One_that_may_not_be_executed_is_told_and_the_assembly_runs()
    {
        using var run = Beside(Speaks);
        File.SetUnixFileMode(Program(run, "x86-64-v3"), UnixFileMode.UserRead);
        run.Execute().ShouldBeTrue();
        RanTheAssembly(run).ShouldBeTrue();
        var message = run.Build.Messages.Single(message => message.Code == "DSB9004");
        message.Message!.ShouldContain("Permission denied");
        message.Message!.ShouldContain(Program(run, "x86-64-v3"));
        message.Message!.ShouldContain("the right to execute");
        run.Build.Warnings.ShouldBeEmpty("a build that takes warnings for errors must not fail of it");
    }

    [Fact]
    public void One_that_the_loader_ends_is_told_and_the_assembly_runs()
    {
        using var run = Beside("echo \"/lib/libc.so.6: version 'GLIBC_9.99' not found\" >&2; exit 1");
        run.Execute().ShouldBeTrue();
        RanTheAssembly(run).ShouldBeTrue();
        run.Build.Messages.Single(message => message.Code == "DSB9004").Message!.ShouldSatisfyAllConditions(
            message => message.ShouldContain("'GLIBC_9.99' not found"), message => message.ShouldNotContain("the right to execute"));
        run.Build.Warnings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""echo '{"event":"diagnostic","severity":"error","code":"DSB1001","message":"m"}'; echo late >&2; exit 1""", "DSB1001")]
    [InlineData("kill -SEGV $$", "DSB9001")]
    [InlineData("kill -KILL $$", "DSB9001")]
    [InlineData("exit 3", "DSB9001")]
    [InlineData("exit 0", "DSB9001")]
    public void One_that_fails_has_failed(string script, string code)
    {
        using var run = Beside(script);
        run.Execute().ShouldBeFalse();
        RanTheAssembly(run).ShouldBeFalse();
        var error = run.Build.Errors.ShouldHaveSingleItem();
        error.Code.ShouldBe(code);
        error.Message!.Contains("DatasetNativeEngine=false", StringComparison.Ordinal).ShouldBe(code == "DSB9001" && !script.Contains("KILL", StringComparison.Ordinal));
        error.Message!.ShouldNotContain("\n");
        run.Build.Messages.ShouldNotContain(message => message.Code == "DSB9004");
        run.Build.Warnings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("DatasetNativeEngine", "maybe")]
    [InlineData("DatasetOnly", "1")]
    public void A_switch_is_true_or_false(string name, string value)
    {
        using var run = Beside(Speaks);
        run.Task.Switches = [TaskRun.Item("DatasetPack", ("Value", "")), TaskRun.Item(name, ("Value", value))];
        run.Execute().ShouldBeFalse();
        var error = run.Build.Errors.ShouldHaveSingleItem();
        error.Code.ShouldBe("DSB2005");
        error.Message.ShouldBe($"The project: {name}=\"{value}\" cannot be used. It is true or false.");
    }

    /// <summary>A task that finds a script beside an engine that succeeds.</summary>
    private static TaskRun Beside(string script)
    {
        var run = new TaskRun(TaskRun.Result);
        var folder = Directory.CreateDirectory(Path.Combine(run.Folder, "engine")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(run.Task.EngineAssembly)!))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        run.Task.EngineAssembly = Path.Combine(folder, Path.GetFileName(run.Task.EngineAssembly));
        Write(run, "x86-64-v3", script);
        return run;
    }

    private static void Write(TaskRun run, string level, string script)
    {
        var path = Program(run, level);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);

        // Not written here: while another test starts a process, that holds what this one writes to, and a file that is written to cannot be executed.
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", "cat > \"$0\" && chmod +x \"$0\"", path]) { RedirectStandardInput = true })!;
        shell.StandardInput.Write($"#!/bin/sh\n{script}\n");
        shell.StandardInput.Close();
        shell.WaitForExit();
    }

    private static string Program(TaskRun run, string level) => Path.Combine(Path.GetDirectoryName(run.Task.EngineAssembly)!, level, "dataset-engine");

    private static bool RanTheAssembly(TaskRun run) => File.Exists(run.Task.PlanFile + ".log");
}
