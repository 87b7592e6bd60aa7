# SPDX-License-Identifier: Apache-2.0
# Completion of vip(1) for bash. What may follow is vip's own answer, so nothing here names a command.

_vip()
{
	local line=${COMP_LINE:0:COMP_POINT} word lead candidate
	local -a words

	read -r -a words <<<"$line"
	[[ $line == *[[:space:]] ]] && words+=('')
	word=${words[-1]}
	# Readline puts in only what stands behind the last : or =.
	lead=${word%"${word##*[:=]}"}
	COMPREPLY=()
	while IFS=$'\t' read -r candidate _; do
		if [[ $candidate == :files ]]; then
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "${word#"$lead"}")
			return
		fi
		COMPREPLY+=("${candidate#"$lead"}")
	done < <("${words[0]}" complete "${words[@]:1}" 2>/dev/null)
}

complete -F _vip vip
