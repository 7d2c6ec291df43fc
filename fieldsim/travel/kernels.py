"""The loops of the contraction hierarchy: complete the order, customize weights, climb from points, meet.

Dibbelt, Strasser and Wagner (2014), "Customizable contraction hierarchies". Nodes are ranks here: 0 is contracted first. Each
node's upper neighbours are its ancestors in the elimination tree, whose parent is the lowest of them.
"""

from __future__ import annotations

from fieldsim.compiled import kernel
from fieldsim.model import Ints

FAR = 1 << 61
"""No way. Two of them add up without overflow."""


@kernel
def complete(near_first: Ints, near_head: Ints, first: Ints, head: Ints, parent: Ints, work: Ints) -> int:
    """Fill in the upper neighbours after contraction; `near` holds those on the map. A node hands its own on to its parent.

    Out: first [n + 1], head (ascending within each node), parent (-1 at roots). `work` is [3, n] of -1. Returns the length of
    head, or -1 where its array is too short.
    """
    child, sibling, mark = work[0], work[1], work[2]
    end = 0
    for v in range(near_first.size - 1):
        start = end
        for i in range(near_first[v], near_first[v + 1]):
            mark[near_head[i]] = v
            head[end] = near_head[i]
            end += 1
        c = child[v]
        while c >= 0:
            if end + first[c + 1] - first[c] + near_head.size > head.size:
                return -1
            for i in range(first[c] + 1, first[c + 1]):
                x = head[i]
                if mark[x] != v:
                    mark[x] = v
                    at = end
                    while at > start and head[at - 1] > x:
                        head[at] = head[at - 1]
                        at -= 1
                    head[at] = x
                    end += 1
            c = sibling[c]
        first[v + 1] = end
        if end > start:
            p = head[start]
            parent[v], sibling[v] = p, child[p]
            child[p] = v
    return end


@kernel
def customize(first: Ints, head: Ints, up: Ints, down: Ints) -> None:
    """Shortcuts, in place: `up` is the weight to each upper neighbour, `down` the weight back, from lower triangles."""
    for v in range(first.size - 1):
        for i in range(first[v], first[v + 1]):
            x = head[i]
            k = first[x]
            for j in range(i + 1, first[v + 1]):
                while head[k] != head[j]:
                    k += 1
                up[k] = min(up[k], down[i] + up[j])
                down[k] = min(down[k], down[j] + up[i])


@kernel
def climb(first: Ints, head: Ints, weight: Ints, parent: Ints, depth: Ints, start: Ints, reach: Ints, over: Ints) -> None:
    """For each start the weight to its ancestor of each depth (`reach`, FAR at first) and that ancestor (`over`, -1 at first)."""
    for row in range(start.size):
        v = start[row]
        reach[row, depth[v]] = 0
        while v >= 0:
            so_far = reach[row, depth[v]]
            over[row, depth[v]] = v
            if so_far < FAR:
                for i in range(first[v], first[v + 1]):
                    at = depth[head[i]]
                    reach[row, at] = min(reach[row, at], so_far + weight[i])
            v = parent[v]


@kernel
def meet(up: Ints, up_over: Ints, down: Ints, down_over: Ints, out: Ints) -> None:
    """The least weight from row to column over a common ancestor, FAR where there is none."""
    for row in range(up.shape[0]):
        for column in range(down.shape[0]):
            low, high = 0, up.shape[1]
            while low < high:
                middle = (low + high) // 2
                if up_over[row, middle] >= 0 and up_over[row, middle] == down_over[column, middle]:
                    low = middle + 1
                else:
                    high = middle
            best = FAR
            for at in range(low):
                best = min(best, up[row, at] + down[column, at])
            out[row, column] = best
