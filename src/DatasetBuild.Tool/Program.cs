using DatasetBuild.Tool.Commands;
using DatasetBuild.Tool.Engine;

#if MICROSOFT_TOKENIZERS
DatasetBuild.Tokenization.Tokenizers.Add(new DatasetBuild.MicrosoftTokenizers.MicrosoftTokenizerFormat());
#endif

// The engine goes first and alone: MSBuild starts it in every build, and nothing of the command line is needed for it.
return EngineProcess.Run(args) ?? CommandLine.Run(args);
