#!/usr/bin/env python3
"""Writes data/ and model/: run it again and the same bytes come out.

The model is one that can be computed by hand. It counts, in the English records below, which byte follows which, and says of a byte
how likely that is: log p(next | current). As a Llama of one layer, that is

    embeddings   one unit vector for each class of bytes (a letter in either case, any digit, every other ASCII byte, all the rest)
    attention    zero, and so is the feed-forward layer: what goes in comes out
    norm         weights that undo its division, so that the unit vector is one again
    head         a column for each class, with log p(byte | class)

so that the loss of a record is known in closed form: the mean of -log p over its bytes. Records in German and noise stand out,
because their bytes follow each other in other ways than those of English do.
"""
import json
import math
import random
import struct
from pathlib import Path

HERE = Path(__file__).parent
dice = random.Random(20260301)

END = 256  # the token that ends a turn
VOCABULARY = 257
SMOOTHING = 0.02
EPSILON = 1e-6

ENGLISH = [
    ("Why is the sky blue?", "Sunlight is scattered by the air, and blue light is scattered far more than red light. So the blue comes to us from all sides."),
    ("What does a compiler do?", "It reads a program in one language and writes the same program in another one, which a machine can run."),
    ("How do bees find their way home?", "They remember landmarks, and they know the direction of the sun even when it stands behind the clouds."),
    ("Why do leaves change their colour in autumn?", "The tree takes the green pigment back before it sheds the leaf. The yellow that was there all the time can then be seen."),
    ("How can I learn to cook?", "Start with three dishes that you like, and make each of them until you no longer need the recipe."),
    ("What is the purpose of a test?", "A test says what the code is meant to do, and it says so again each time that somebody changes the code."),
    ("Why does ice float?", "Water takes more room when it freezes, so a piece of ice weighs less than the water that it pushes aside."),
    ("How should I store fresh bread?", "Keep it in a paper bag at room temperature. In the fridge the starch hardens and the bread tastes old."),
    ("What makes a good summary?", "It names the main point first, leaves out what the reader can guess, and does not add anything new."),
    ("Why are there leap years?", "A year is almost six hours longer than a number of whole days. Every fourth year one day makes up for them."),
    ("How do I sharpen a pencil with a knife?", "Cut away from you, turn the pencil after every stroke, and shape the wood before you shape the lead."),
    ("What is a good way to read a long paper?", "Read the abstract and the figures, then the conclusion. Only then decide whether the rest is worth an hour."),
    ("Why do cats purr?", "They purr when they are content, but also when they are hurt. It seems to calm them, and it may help them to heal."),
    ("How do I keep a plant alive?", "Most house plants die of too much water. Put a finger into the soil, and water only when it feels dry."),
    ("What does an index of a database do?", "It keeps the values in order beside the table, so that a search looks at a few pages and not at all of them."),
    ("Why is the sea salty?", "Rain washes salts out of the rocks, and the rivers carry them down. The water goes up again, and the salt stays."),
]
OPENINGS = ["", "In short: ", "That is a fair question. ", "There is a simple answer to this. "]
CLOSINGS = ["", " That is all there is to it.", " It is worth trying for yourself."]
GERMAN = [
    ("Warum ist der Himmel blau?", "Das Sonnenlicht wird in der Luft gestreut, und zwar blaues Licht viel stärker als rotes. Deshalb kommt das Blau von überall her."),
    ("Was macht ein Übersetzer?", "Er liest ein Programm in einer Sprache und schreibt dasselbe in einer anderen, die eine Maschine ausführen kann."),
    ("Wie bewahre ich Brot auf?", "Am besten in einer Papiertüte bei Zimmertemperatur. Im Kühlschrank wird die Krume schnell hart und schmeckt alt."),
    ("Warum schwimmt Eis?", "Wasser braucht mehr Platz, wenn es gefriert, deshalb ist ein Stück Eis leichter als das Wasser, das es verdrängt."),
    ("Wie lerne ich kochen?", "Fange mit drei Gerichten an, die du gerne magst, und koche jedes so oft, bis du kein Rezept mehr brauchst."),
    ("Warum schnurren Katzen?", "Sie schnurren, wenn sie zufrieden sind, aber auch, wenn ihnen etwas wehtut. Vermutlich beruhigt es sie."),
]
LETTERS = "abcdefghijklmnopqrstuvwxyz      .,;:!?0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ()[]{}<>/\\"


def records():
    for question, answer in ENGLISH:
        for opening in OPENINGS:
            for closing in CLOSINGS:
                yield {"prompt": question, "completion": opening + answer + closing, "kind": "english"}
    for question, answer in GERMAN:
        yield {"prompt": question, "completion": answer, "kind": "german"}
        yield {"prompt": question, "completion": "Kurz gesagt: " + answer, "kind": "german"}
    for question, _ in ENGLISH:
        yield {"prompt": question, "completion": "".join(dice.choice(LETTERS) for _ in range(dice.randint(40, 160))), "kind": "noise"}


def class_of(token):
    """Bytes that have the same followers: the class is named by one of them."""
    if token == END:
        return END
    if token >= 128:
        return 128
    character = chr(token)
    return ord("0") if character.isdigit() else ord(character.lower())


CLASSES = sorted({class_of(token) for token in range(VOCABULARY)})


def log_probabilities(texts):
    counts = {of: [SMOOTHING] * VOCABULARY for of in CLASSES}
    for text in texts:
        tokens = [END, *text.encode(), END]
        for current, following in zip(tokens, tokens[1:]):
            counts[class_of(current)][following] += 1
    return {of: [math.log(count / sum(row)) for count in row] for of, row in counts.items()}


def safetensors(tensors):
    header, data = {}, b""
    for name, (kind, shape, values) in tensors.items():
        if kind == "F32":
            packed = struct.pack(f"<{len(values)}f", *values)
        else:  # bfloat16: the upper half of a float32, exact for 0 and 1
            packed = b"".join(struct.pack("<f", value)[2:] for value in values)
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def model(table):
    width = len(CLASSES)
    place = {of: number for number, of in enumerate(CLASSES)}
    embeddings = [1.0 if place[class_of(token)] == column else 0.0 for token in range(VOCABULARY) for column in range(width)]
    head = [table[of][token] for token in range(VOCABULARY) for of in CLASSES]
    ones, zero = [1.0] * width, [0.0] * (2 * width)
    layer = "model.layers.0."
    return safetensors({
        "model.embed_tokens.weight": ("BF16", [VOCABULARY, width], embeddings),
        layer + "input_layernorm.weight": ("F32", [width], ones),
        layer + "self_attn.q_proj.weight": ("BF16", [2, width], zero),
        layer + "self_attn.k_proj.weight": ("BF16", [2, width], zero),
        layer + "self_attn.v_proj.weight": ("BF16", [2, width], zero),
        layer + "self_attn.o_proj.weight": ("BF16", [width, 2], zero),
        layer + "post_attention_layernorm.weight": ("F32", [width], ones),
        layer + "mlp.gate_proj.weight": ("BF16", [2, width], zero),
        layer + "mlp.up_proj.weight": ("BF16", [2, width], zero),
        layer + "mlp.down_proj.weight": ("BF16", [width, 2], zero),
        # The norm divides a unit vector by the root of its mean square: this takes that back.
        "model.norm.weight": ("F32", [width], [math.sqrt(1 / width + EPSILON)] * width),
        "lm_head.weight": ("F32", [VOCABULARY, width], head),
    })


def config():
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": VOCABULARY, "hidden_size": len(CLASSES), "num_hidden_layers": 1,
        "num_attention_heads": 1, "num_key_value_heads": 1, "head_dim": 2, "intermediate_size": 2, "hidden_act": "silu", "rms_norm_eps": EPSILON,
        "max_position_embeddings": 2048, "rope_theta": 10000.0, "tie_word_embeddings": False, "attention_bias": False, "mlp_bias": False,
        "bos_token_id": END, "eos_token_id": END, "torch_dtype": "float32",
    }


def tokenizer():
    """A byte is a token, and its value is its id; the letters that stand for bytes are those of GPT-2."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in visible]
    letters = {byte: chr(byte) for byte in visible} | {byte: chr(256 + number) for number, byte in enumerate(hidden)}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    end = {"id": END, "content": "<|end|>", "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0", "added_tokens": [end], "pre_tokenizer": level, "decoder": level,
        "model": {"type": "BPE", "vocab": {letters[byte]: byte for byte in range(256)}, "merges": []},
    }


def template():
    text = "{% for message in messages %}<|end|>{{ message['content'] }}{% endfor %}<|end|>"
    return {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|end|>", "eos_token": "<|end|>", "chat_template": text}


def write(path, content):
    path = HERE / path
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def main():
    everything = list(records())
    texts = [record[part] for record in everything if record["kind"] == "english" for part in ("prompt", "completion")]
    dice.shuffle(everything)
    write("data/answers.jsonl", "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in everything))
    write("model/model.safetensors", model(log_probabilities(texts)))
    for name, content in (("config", config()), ("tokenizer", tokenizer()), ("tokenizer_config", template())):
        write(f"model/{name}.json", json.dumps(content, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
