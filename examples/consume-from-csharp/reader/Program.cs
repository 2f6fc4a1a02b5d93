using System.Text.Json;

var subset = Path.Combine(AppContext.BaseDirectory, "datasets", "answers");
foreach (var file in Directory.EnumerateFiles(Path.Combine(subset, "train"), "*.jsonl"))
{
    foreach (var line in File.ReadLines(file))
    {
        using var record = JsonDocument.Parse(line);
        Console.WriteLine($"{record.RootElement.GetProperty("question")} {record.RootElement.GetProperty("answer")}");
    }
}
