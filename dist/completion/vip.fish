# SPDX-License-Identifier: Apache-2.0
# Completion of vip(1) for fish. What may follow is vip's own answer, so nothing here names a command.

function __vip_complete
	set -l words (commandline -opc)
	set -l answer (command $words[1] complete $words[2..-1] (commandline -ct) 2>/dev/null)
	if contains -- ":files" $answer
		__fish_complete_path (commandline -ct)
	else if set -q answer[1]
		printf '%s\n' $answer
	end
end

complete -c vip -f -a '(__vip_complete)'
