"""Writes what `npm run bench -- run` measures: weights, and what torch.onnx makes of the same modules with the weights as constants.

A GPT-2 of one block (768 features, 12 heads) with a small table of tokens: its block on 64 rows, and the whole of it one token
at a time with its keys and values; and ResNet-18. Names are those of transformers and torchvision.
"""

import math
import sys
import warnings

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

WIDTH, HEADS, ROWS, TOKENS, POSITIONS = 768, 12, 64, 256, 256


class Conv1D(nn.Module):
    """A linear layer as GPT-2 keeps it: [in, out]."""

    def __init__(self, takes, gives):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(takes, gives) * 0.02)
        self.bias = nn.Parameter(torch.randn(gives) * 0.02)

    def forward(self, x):
        return torch.addmm(self.bias, x.reshape(-1, x.shape[-1]), self.weight).reshape(*x.shape[:-1], -1)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_attn, self.c_proj = Conv1D(WIDTH, 3 * WIDTH), Conv1D(WIDTH, WIDTH)

    def forward(self, x, past):
        q, k, v = (
            part.reshape(1, x.shape[1], HEADS, WIDTH // HEADS).transpose(1, 2) for part in self.c_attn(x).split(WIDTH, 2)
        )
        scores_of = q / math.sqrt(WIDTH // HEADS)
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        scores = scores_of @ k.transpose(2, 3)
        if past is None:
            causal = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).tril()
            scores = torch.where(causal, scores, torch.finfo(torch.float32).min)
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(1, x.shape[1], WIDTH)
        return self.c_proj(mixed), k, v


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_fc, self.c_proj = Conv1D(WIDTH, 4 * WIDTH), Conv1D(4 * WIDTH, WIDTH)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.attn, self.ln_2, self.mlp = nn.LayerNorm(WIDTH), Attention(), nn.LayerNorm(WIDTH), MLP()

    def step(self, x, past):
        mixed, k, v = self.attn(self.ln_1(x), past)
        x = x + mixed
        return x + self.mlp(self.ln_2(x)), k, v

    def forward(self, x):
        return self.step(x, None)[0]


class GPT2(nn.Module):
    """One token, with the keys and values of those before."""

    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(TOKENS, WIDTH), nn.Embedding(POSITIONS, WIDTH)
        self.h, self.ln_f = nn.ModuleList([Block()]), nn.LayerNorm(WIDTH)

    def forward(self, tokens, positions, keys, values):
        x, keys, values = self.h[0].step(self.wte(tokens) + self.wpe(positions), (keys, values))
        return F.linear(self.ln_f(x), self.wte.weight), keys, values


class BasicBlock(nn.Module):
    def __init__(self, takes, gives, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(takes, gives, 3, stride, 1, bias=False), nn.BatchNorm2d(gives)
        self.conv2, self.bn2 = nn.Conv2d(gives, gives, 3, 1, 1, bias=False), nn.BatchNorm2d(gives)
        if stride > 1:
            self.downsample = nn.Sequential(nn.Conv2d(takes, gives, 1, stride, bias=False), nn.BatchNorm2d(gives))

    def forward(self, x):
        kept = self.downsample(x) if hasattr(self, "downsample") else x
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + kept)


class ResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        sizes = [64, 64, 128, 256, 512]
        for i in range(1, 5):
            first = BasicBlock(sizes[i - 1], sizes[i], 1 if i == 1 else 2)
            setattr(self, f"layer{i}", nn.Sequential(first, BasicBlock(sizes[i], sizes[i], 1)))
        self.fc = nn.Linear(512, 1000)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


def randomise(model):
    for name, tensor in model.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 1.5)
        elif name.endswith("running_mean") or (".ln_" in name or ".bn" in name) and name.endswith("bias"):
            tensor.normal_(0, 0.1)


def export(model, inputs, path, inputs_named, outputs_named, dynamic=None):
    torch.onnx.export(
        model,
        inputs,
        path,
        input_names=inputs_named,
        output_names=outputs_named,
        dynamic_shapes=dynamic,
        external_data=False,
        dynamo=True,
        verbose=False,
    )


if __name__ == "__main__":
    folder = sys.argv[1]
    warnings.filterwarnings("ignore")
    torch.manual_seed(0)
    gpt, resnet = GPT2().eval(), ResNet18().eval()
    with torch.no_grad():
        for model in (gpt, resnet):
            randomise(model)
        save_file(gpt.state_dict(), f"{folder}/gpt.safetensors")
        save_file({k: v for k, v in resnet.state_dict().items() if v.dim()}, f"{folder}/resnet.safetensors")
        export(gpt.h[0], (torch.randn(1, ROWS, WIDTH),), f"{folder}/block.onnx", ["input"], ["output"])
        past = [torch.randn(1, HEADS, 3, WIDTH // HEADS) for _ in range(2)]
        grows = {2: torch.export.Dim("past", min=0, max=POSITIONS)}
        export(
            gpt,
            (torch.tensor([[1]]), torch.tensor([3]), *past),
            f"{folder}/gpt.onnx",
            ["tokens", "positions", "keys", "values"],
            ["logits", "present_keys", "present_values"],
            {"tokens": None, "positions": None, "keys": grows, "values": grows},
        )
        export(resnet, (torch.randn(1, 3, 224, 224),), f"{folder}/resnet.onnx", ["input"], ["output"])
