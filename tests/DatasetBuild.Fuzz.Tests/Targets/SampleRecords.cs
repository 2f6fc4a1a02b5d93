namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>A record of each dialect, and some that are none.</summary>
internal static class SampleRecords
{
    public static IReadOnlyList<string> Lines { get; } =
    [
        """{"messages":[{"role":"system","content":"s"},{"role":"user","content":"caf\u00e9?"},{"role":"assistant","content":"yes","loss_weight":0.5}]}""",
        """{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]},{"role":"tool","tool_call_id":"1","content":"2"},{"role":"assistant","content":"3","reasoning_content":"r"}],"tools":[{"type":"function","function":{"name":"f"}}]}""",
        """{"conversations":[{"from":"system","value":"s"},{"from":"human","value":"q"},{"from":"gpt","value":"a"},{"from":"function_call","value":"{}"},{"from":"observation","value":"o"}],"tools":"[{\"name\":\"f\"}]"}""",
        """{"instruction":"i","input":"n","output":"o","history":[["q","a"],["q2","a2"]],"system":"","id":7}""",
        """{"prompt":"p \ud83d\ude00","completion":"c\n\t\"\\"}""",
        """{"prompt":[{"role":"user","content":"p"}],"completion":[{"role":"assistant","content":"c"}]}""",
        """{"question":"q","answer":"a","quality":1.5e3}""",
        """{"instruction":"i","instances":[{"input":"a","output":"b"},{"input":"","output":"c"}]}""",
        """{"text":"raw € text"}""",
        """{"prompt":"p","chosen":"c","rejected":"r"}""",
        """{"a":[[[{"b":null}]],true,false,-1.25e-7,""]}""",
        "[1,2]",
        " \"text\" ",
    ];
}
