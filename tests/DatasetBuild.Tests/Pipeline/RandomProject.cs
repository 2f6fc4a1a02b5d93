using System.Globalization;
using System.Text;
using DatasetBuild.Tests.Records;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>
/// A project that changes at random, as people and scripts change theirs. What is in its files is kept here as lists of lines, so that the same
/// project can be laid down afresh elsewhere.
/// </summary>
internal sealed class RandomProject
{
    private static readonly string[] Words = ["", "yes", "no", "a b", "täglich €", "one two three", "\\n", "\\u0041", "lorem ipsum dolor sit amet, consectetur"];

    private readonly Random random;
    private readonly SortedDictionary<string, SourceFile> files = new(StringComparer.Ordinal);
    private int nextId;

    public RandomProject(int seed)
    {
        random = new Random(seed);
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            files[NewName()] = new SourceFile([.. Enumerable.Range(0, random.Next(1, 25)).Select(_ => NewRecord())], Layout.Lines);
        }

        Stages.AddRange(Enumerable.Range(0, random.Next(1, 4)).Select(_ => NewStage()));
    }

    public List<(string Name, Dictionary<string, string> Metadata)> Stages { get; } = [];

    public Dictionary<string, string> Properties { get; } = new() { ["DatasetThreads"] = "1" };

    public List<string> History { get; } = [];

    private enum Layout
    {
        Lines,
        Array,
        PrettyArray,
        Gzip,
        CarriageReturns,
    }

    public void Step()
    {
        var file = files.Keys.ElementAt(random.Next(files.Count));
        var lines = files[file].Lines;
        var at = random.Next(Math.Max(1, lines.Count));
        switch (random.Next(22))
        {
            case 0 or 1 when lines.Count > 0:
                Say($"edit {file}:{at}");
                lines[at] = NewRecord();
                break;
            case 2 or 18 or 19 when lines.Count > 0:
                Say($"edit a field outside the conversation, {file}:{at}");
                lines[at] = lines[at].Replace("\"q\":", "\"q\":1", StringComparison.Ordinal);
                break;
            case 3 or 20 or 21 when lines.Count > 0:
                Say($"edit in place and put the time back, {file}:{at}");
                lines[at] = lines[at].Replace("o", "0", StringComparison.Ordinal).Replace("\"c0mpleti0n\"", "\"completion\"", StringComparison.Ordinal)
                    .Replace("\"pr0mpt\"", "\"prompt\"", StringComparison.Ordinal).Replace("\"r0le\"", "\"role\"", StringComparison.Ordinal)
                    .Replace("\"c0ntent\"", "\"content\"", StringComparison.Ordinal).Replace("\"t00ls\"", "\"tools\"", StringComparison.Ordinal)
                    .Replace("\"gr0up\"", "\"group\"", StringComparison.Ordinal);
                files[file].KeepTime = true;
                break;
            case 4 when lines.Count > 0:
                Say($"delete {file}:{at}");
                lines.RemoveAt(at);
                break;
            case 5:
                Say($"add to {file}");
                lines.Insert(Math.Min(at, lines.Count), NewRecord());
                break;
            case 6 when lines.Count > 0:
                Say($"copy {file}:{at} to the end of another file");
                files.Values.ElementAt(random.Next(files.Count)).Lines.Add(lines[at]);
                break;
            case 7:
                var name = NewName();
                Say($"rename {file} to {name}");
                files[name] = files[file];
                files.Remove(file);
                break;
            case 8:
                Say("put all records in other files, in another order");
                Reshard();
                break;
            case 9:
                Say($"a new file, and {file} in another layout");
                files[NewName()] = new SourceFile([.. Enumerable.Range(0, random.Next(6)).Select(_ => NewRecord())], (Layout)random.Next(5));
                files[file].Layout = (Layout)random.Next(5);
                break;
            case 10 when files.Count > 1:
                Say($"delete {file}");
                files.Remove(file);
                break;
            case 11 or 12:
                ChangeStage();
                break;
            case 13:
                Say("a stage more, somewhere");
                Stages.Insert(random.Next(Stages.Count + 1), NewStage());
                break;
            case 14 when Stages.Count > 1:
                Say("the stages in another order");
                (Stages[0], Stages[^1]) = (Stages[^1], Stages[0]);
                break;
            case 15:
                Set("DatasetOutputShards", ["1", "2", "5"]);
                break;
            case 16:
                Set("DatasetOutputSchema", ["Source", "Messages", "PromptCompletion"]);
                break;
            default:
                Set(random.Next(2) == 0 ? "DatasetOutputOrder" : "DatasetValidationSplit", History.Count % 2 == 0 ? ["Hash", "Source"] : ["20%", "50%"]);
                break;
        }
    }

    /// <summary>Lays the project down where it may have been before: files that would not change are left alone, others changed or removed.</summary>
    public void Apply(TestProject project)
    {
        var data = Path.Combine(project.Root, "data");
        Directory.CreateDirectory(data);
        foreach (var stale in Directory.GetFiles(data).Where(path => !files.ContainsKey(Path.GetFileName(path))))
        {
            File.Delete(stale);
        }

        project.Shards.Clear();
        project.Stages.Clear();
        project.Stages.AddRange(Stages);
        project.Properties.Clear();
        foreach (var (name, file) in files)
        {
            var path = Path.Combine(data, name);
            var bytes = file.Bytes();
            if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes))
            {
                DateTime? before = file.KeepTime && File.Exists(path) ? File.GetLastWriteTimeUtc(path) : null;
                File.WriteAllBytes(path, bytes);
                if (before is { } time)
                {
                    File.SetLastWriteTimeUtc(path, time);
                }
            }

            project.Shards.Add(($"data/{name}", []));
        }

        foreach (var (key, value) in Properties)
        {
            project.Properties[key] = value;
        }
    }

    private void Say(string step) => History.Add(step);

    private void Set(string property, string[] values)
    {
        if (property is "DatasetOutputOrder" && values[0] != "Hash")
        {
            values = ["Hash", "Source"];
        }
        else if (property is "DatasetValidationSplit" && values[0] == "Hash")
        {
            values = ["20%", "50%"];
        }

        var choice = random.Next(values.Length + 1);
        Say($"{property} = {(choice == values.Length ? "default" : values[choice])}");
        if (choice == values.Length)
        {
            Properties.Remove(property);
        }
        else
        {
            Properties[property] = values[choice];
        }
    }

    private void Reshard()
    {
        var all = files.Values.SelectMany(file => file.Lines).ToArray();
        random.Shuffle(all);
        files.Clear();
        foreach (var part in all.Chunk(random.Next(1, 20)))
        {
            files[NewName()] = new SourceFile([.. part], (Layout)random.Next(5));
        }

        if (files.Count == 0)
        {
            files[NewName()] = new SourceFile([], Layout.Lines);
        }
    }

    private void ChangeStage()
    {
        var (name, metadata) = Stages[random.Next(Stages.Count)];
        foreach (var key in (string[])["Min", "Max", "Keep", "Band"])
        {
            if (metadata.Remove(key))
            {
                Threshold(metadata);
                Say($"{name}: {string.Join(' ', metadata)}");
                return;
            }
        }

        metadata["Missing"] = random.Next(2) == 0 ? "Keep" : "Drop";
        Say($"{name}: {string.Join(' ', metadata)}");
    }

    private void Threshold(Dictionary<string, string> metadata)
    {
        foreach (var key in (string[])["Min", "Max", "Keep", "Band"])
        {
            metadata.Remove(key);
        }

        var (parameter, value) = random.Next(5) switch
        {
            0 => ("Min", random.Next(6).ToString(CultureInfo.InvariantCulture)),
            1 => ("Max", random.Next(4, 40).ToString(CultureInfo.InvariantCulture)),
            2 => ("Keep", $"{random.Next(30, 100)}%"),
            3 => ("Keep", random.Next(5, 30).ToString(CultureInfo.InvariantCulture)),
            _ => ("Band", $"{random.Next(40)}%..{random.Next(50, 100)}%"),
        };
        if (metadata.ContainsKey("GroupBy") && parameter is "Min" or "Max")
        {
            (parameter, value) = ("Keep", "70%");
        }

        metadata[parameter] = value;
    }

    private (string Name, Dictionary<string, string> Metadata) NewStage()
    {
        var metadata = new Dictionary<string, string>();
        var kind = random.Next(6);
        switch (kind)
        {
            case 0:
                metadata["Kind"] = "ExactDedup";
                break;
            case 1:
                metadata["Kind"] = "ExactDedup";
                metadata["Normalize"] = random.Next(2) == 0 ? "Trim" : "Lower;CollapseWhitespace";
                metadata["Part"] = random.Next(2) == 0 ? "Record" : "Response";
                break;
            case 2:
                metadata["Kind"] = "Random";
                metadata["Seed"] = random.Next(3).ToString(CultureInfo.InvariantCulture);
                break;
            case 3:
                metadata["Kind"] = "Column";
                metadata["Field"] = "q";
                break;
            default:
                metadata["Kind"] = "TokenLength";
                metadata["Counter"] = random.Next(2) == 0 ? "Bytes" : "Words";
                metadata["Part"] = ((string[])["Record", "Prompt", "Response", "LastResponse"])[random.Next(4)];
                break;
        }

        if (kind >= 2)
        {
            if (random.Next(3) == 0)
            {
                metadata["GroupBy"] = "group";
            }

            if (random.Next(3) == 0)
            {
                metadata["Prefer"] = "Lowest";
                metadata["Ties"] = "Position";
            }

            Threshold(metadata);
        }

        return ($"Stage{nextId++}", metadata);
    }

    private string NewName() => $"{(char)('a' + random.Next(26))}{nextId++}.jsonl";

    private string NewRecord()
    {
        var prompt = Words[random.Next(Words.Length)];
        var completion = Words[random.Next(Words.Length)] + Words[random.Next(Words.Length)];
        var fields = $"\"q\":{random.Next(10)},\"group\":{(random.Next(5) == 0 ? "null" : $"\"{random.Next(3)}\"")},\"id\":{nextId++}";
        return random.Next(14) switch
        {
            0 => $$"""{"messages":[{"role":"user","content":"{{prompt}}"},{"role":"assistant","content":"{{completion}}","loss_weight":0}],{{fields}}}""",
            1 => $$"""{"messages":[{"role":"system","content":"s"},{"role":"user","content":"{{prompt}}"}],"tools":[{"name":"f"}],{{fields}}}""",
            2 => $$"""{"instruction":"{{prompt}}","instances":[{"input":"{{completion}}","output":"x"},{"input":"","output":"{{completion}}"}],{{fields}}}""",
            _ => $$"""{"prompt":"{{prompt}}", "completion":"{{completion}}",{{fields}}}""",
        };
    }

    private sealed class SourceFile(List<string> lines, Layout layout)
    {
        public List<string> Lines { get; } = lines;

        public Layout Layout { get; set; } = layout;

        public bool KeepTime { get; set; }

        public byte[] Bytes() => Layout switch
        {
            Layout.Array => Encoding.UTF8.GetBytes($"[{string.Join(',', Lines)}]"),
            Layout.PrettyArray => Encoding.UTF8.GetBytes($"[\n  {string.Join(",\n  ", Lines.Select(line => line.Replace("\",", "\",\n    ", StringComparison.Ordinal)))}\n]\n"),
            Layout.Gzip => Reading.Gzip(Encoding.UTF8.GetBytes(string.Join('\n', Lines))),
            Layout.CarriageReturns => Encoding.UTF8.GetBytes(string.Concat(Lines.Select(line => line.Replace("{\"", "{\r\"", StringComparison.Ordinal) + "\r\n\n"))),
            _ => Encoding.UTF8.GetBytes(string.Concat(Lines.Select(line => line + "\n"))),
        };
    }
}
