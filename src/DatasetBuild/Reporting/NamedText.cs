namespace DatasetBuild.Reporting;

/// <summary>
/// A name and what stands under it: a stage's parameter, a column of the registry. A class, since lists of pairs of strings would be compiled anew at
/// the start of every build.
/// </summary>
public sealed record NamedText(string Name, string Value);
