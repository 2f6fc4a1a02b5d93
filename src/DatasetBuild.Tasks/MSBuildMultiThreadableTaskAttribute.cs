namespace Microsoft.Build.Framework;

/// <summary>
/// Tells a multi-threaded MSBuild that a task may share its process with others. MSBuild finds the attribute by its full name, so
/// declaring it here works in versions that know it, and in versions that do not.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class MSBuildMultiThreadableTaskAttribute : Attribute;
