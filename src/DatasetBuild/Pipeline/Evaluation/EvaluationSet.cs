using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Reporting;
using DatasetBuild.Scoring;

namespace DatasetBuild.Pipeline;

/// <summary>
/// All items of the project's evaluation files, in canonical order. What is compared is their words: a file that is renamed, or edited in what is not compared,
/// scores nothing again.
/// </summary>
internal sealed class EvaluationSet
{
    private readonly Plan plan;
    private readonly Settings settings;
    private readonly EvaluationFile[] files;
    private readonly int[] firstItems;

    private EvaluationSet(Plan plan, Settings settings, EvaluationFile[] files)
    {
        this.plan = plan;
        this.settings = settings;
        this.files = files;
        firstItems = new int[files.Length];
        for (var i = 1; i < files.Length; i++)
        {
            firstItems[i] = firstItems[i - 1] + files[i - 1].Lines.Length;
        }

        Words = new EvaluationWords([.. files.SelectMany(file => file.Words)]);
    }

    public EvaluationWords Words { get; }

    public IReadOnlyList<EvaluationFile> Files => files;

    /// <exception cref="DatasetException">A file or an item cannot be read.</exception>
    public static EvaluationSet Load(Plan plan, Settings settings, InputFiles inputFiles, DerivedData derived)
    {
        var files = new EvaluationFile[plan.Evaluation.Count];
        long bytes = 0;
        for (var i = 0; i < files.Length; i++)
        {
            inputFiles.Add(plan.Evaluation[i].FullPath);
            files[i] = EvaluationFile.Load(plan.Evaluation[i], settings, derived);
            bytes += files[i].Words.Length;
        }

        return bytes <= EvaluationReader.MaxBytes
            ? new EvaluationSet(plan, settings, files)
            : throw new DatasetException(DataCodes.UnusableEvaluation, EvaluationReader.TooMany, plan.Project);
    }

    /// <summary>The item that a record shares words with, and those words.</summary>
    public EvaluationMatch Match(SharedWords shared)
    {
        var (file, item) = Find(Words.ItemOf(shared.Word));
        return new EvaluationMatch($"{file.Declared.Name}:{file.Lines[item]}", Words.Show(shared.Word, shared.Length));
    }

    /// <summary>The JSON of the item that a word belongs to, as it stands in its file now; null where that is no longer there.</summary>
    public string? JsonOf(SharedWords shared)
    {
        var (file, item) = Find(Words.ItemOf(shared.Word));
        try
        {
            using var reader = new RecordReader(file.Declared.FullPath, settings.MaxRecordBytes);
            while (reader.Read())
            {
                if (reader.Line == file.Lines[item])
                {
                    return Encoding.UTF8.GetString(reader.Json);
                }
            }

            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or InvalidRecordException)
        {
            return null;
        }
    }

    private (EvaluationFile File, int Item) Find(int item)
    {
        var file = Array.FindLastIndex(firstItems, first => first <= item);
        return (files[file], item - firstItems[file]);
    }
}
