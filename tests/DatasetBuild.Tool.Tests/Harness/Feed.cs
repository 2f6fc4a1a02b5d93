using DatasetBuild.EndToEnd.Tests.Harness;

[assembly: AssemblyFixture(typeof(PackedFeed))]
